// A hidden Markov model with two states and normal emissions, by the forward algorithm.
data {
  int<lower=1> N;
  int<lower=2, upper=2> K;
  vector[N] y;
}
parameters {
  simplex[K] theta1;
  simplex[K] theta2;
  positive_ordered[K] mu;
}
model {
  // Without the constant of the normal density, for a standard deviation of 1.
  vector[N] low = -0.5 * square(y - mu[1]);
  vector[N] high = -0.5 * square(y - mu[2]);
  vector[K] from1 = log(theta1);
  vector[K] from2 = log(theta2);
  real a = low[1];
  real b = high[1];
  mu[1] ~ normal(3, 1);
  mu[2] ~ normal(10, 1);
  for (t in 2:N) {
    real before = a;
    a = low[t] + log_sum_exp(before + from1[1], b + from2[1]);
    b = high[t] + log_sum_exp(before + from1[2], b + from2[2]);
  }
  target += log_sum_exp(a, b);
}
