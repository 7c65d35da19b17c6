// A series whose variance follows its own past: GARCH(1, 1). Flat over what the bounds allow.
data {
  int<lower=1> T;
  vector[T] y;
  real<lower=0> sigma1;
}
parameters {
  real mu;
  real<lower=0> alpha0;
  real<lower=0, upper=1> alpha1;
  real<lower=0, upper=1 - alpha1> beta1;
}
model {
  vector[T] variance;
  vector[T] shock = alpha0 + alpha1 * square(y - mu);
  variance[1] = square(sigma1);
  for (t in 2:T) variance[t] = shock[t - 1] + beta1 * variance[t - 1];
  y ~ normal(mu, sqrt(variance));
}
