// Seeds that germinate on plates of two kinds and with two extracts; the plates' effects are non-centred.
data {
  int<lower=0> I;
  array[I] int<lower=0> n;
  array[I] int<lower=0> N;
  vector[I] x1;
  vector[I] x2;
}
transformed data {
  vector[I] x12 = x1 .* x2;
}
parameters {
  real alpha0;
  real alpha1;
  real alpha2;
  real alpha12;
  real<lower=0> sigma;
  vector[I] z;
}
transformed parameters {
  vector[I] b = sigma * z;
}
model {
  alpha0 ~ std_normal();
  alpha1 ~ std_normal();
  alpha2 ~ std_normal();
  alpha12 ~ std_normal();
  sigma ~ cauchy(0, 1);
  z ~ std_normal();
  n ~ binomial_logit(N, alpha0 + alpha1 * x1 + alpha2 * x2 + alpha12 * x12 + b);
}
