module "n" {
  source = "./n"
}
moved {
  from = module.m
  to   = module.n
}
