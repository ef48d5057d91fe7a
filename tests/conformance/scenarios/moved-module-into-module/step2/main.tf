module "outer" {
  source = "./outer"
}
moved {
  from = module.m
  to   = module.outer.module.inner
}
