// Radon in houses of counties with few houses each, non-centred.
data {
  int<lower=0> N;
  int<lower=1> J;
  array[N] int<lower=1, upper=J> county_idx;
  vector[N] log_uppm;
  vector[N] floor_measure;
  vector[N] log_radon;
}
transformed data {
  matrix[N, 2] x = append_col(log_uppm, floor_measure);
}
parameters {
  real mu_alpha;
  real<lower=0> sigma_alpha;
  real<lower=0> sigma_y;
  vector[2] beta;
  vector[J] z;
}
transformed parameters {
  vector[J] alpha = mu_alpha + sigma_alpha * z;
}
model {
  mu_alpha ~ normal(0, 10);
  sigma_alpha ~ std_normal();
  sigma_y ~ std_normal();
  beta ~ normal(0, 10);
  z ~ std_normal();
  log_radon ~ normal_id_glm(x, alpha[county_idx], beta, sigma_y);
}
