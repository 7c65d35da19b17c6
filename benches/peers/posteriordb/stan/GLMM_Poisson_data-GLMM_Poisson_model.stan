// Falcons: a Poisson trend with a random effect of each year, non-centred.
data {
  int<lower=0> n;
  array[n] int<lower=0> C;
  vector[n] year;
}
transformed data {
  matrix[n, 3] powers;
  for (k in 1:3) powers[, k] = year ^ k;
}
parameters {
  real<lower=-20, upper=20> alpha;
  real<lower=-10, upper=10> beta1;
  real<lower=-10, upper=10> beta2;
  real<lower=-10, upper=10> beta3;
  real<lower=0, upper=5> sigma;
  vector[n] z;
}
transformed parameters {
  vector[n] eps = sigma * z;
}
model {
  // The uniform priors are what the bounds say.
  z ~ std_normal();
  C ~ poisson_log_glm(powers, alpha + eps, [beta1, beta2, beta3]');
}
