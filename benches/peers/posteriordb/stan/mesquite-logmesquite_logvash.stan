// Leaves of mesquite bushes by their sizes, all in logarithms; flat priors.
data {
  int<lower=0> N;
  vector<lower=0>[N] weight;
  vector<lower=0>[N] diam1;
  vector<lower=0>[N] diam2;
  vector<lower=0>[N] canopy_height;
  vector<lower=0>[N] total_height;
  vector[N] group;
}
transformed data {
  vector[N] log_weight = log(weight);
  matrix[N, 5] x;
  x[, 1] = log(diam1 .* diam2 .* canopy_height);
  x[, 2] = log(diam1 .* diam2);
  x[, 3] = log(diam1 ./ diam2);
  x[, 4] = log(total_height);
  x[, 5] = group;
}
parameters {
  vector[6] beta;
  real<lower=0> sigma;
}
model {
  log_weight ~ normal_id_glm(x, beta[1], beta[2:6], sigma);
}
