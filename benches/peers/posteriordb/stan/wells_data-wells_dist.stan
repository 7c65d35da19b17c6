// Who changes to a safe well, by its distance in metres: a logistic regression with flat priors.
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> switched;
  vector[N] dist;
}
transformed data {
  matrix[N, 1] x = to_matrix(dist, N, 1);
}
parameters {
  vector[2] beta;
}
model {
  switched ~ bernoulli_logit_glm(x, beta[1], beta[2:2]);
}
