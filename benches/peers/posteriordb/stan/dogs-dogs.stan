// Dogs that learn to avoid a shock: a logistic learning curve.
data {
  int<lower=1> n_dogs;
  int<lower=1> n_trials;
  array[n_dogs, n_trials] int<lower=0, upper=1> y;
}
transformed data {
  int N = n_dogs * n_trials;
  matrix[N, 2] past = rep_matrix(0, N, 2);
  array[N] int shock;
  for (dog in 1:n_dogs) {
    for (trial in 1:n_trials) {
      int row = (dog - 1) * n_trials + trial;
      shock[row] = y[dog, trial];
      if (trial > 1) {
        past[row, 1] = past[row - 1, 1] + 1 - shock[row - 1];
        past[row, 2] = past[row - 1, 2] + shock[row - 1];
      }
    }
  }
}
parameters {
  vector[3] beta;
}
model {
  beta ~ normal(0, 100);
  shock ~ bernoulli_logit_glm(past, beta[1], beta[2:3]);
}
