module "k" {
  source = "./k"
}
moved {
  from = terraform_data.a
  to   = module.m.terraform_data.b
}
moved {
  from = module.m
  to   = module.n[0]
}
moved {
  from = module.n[0].terraform_data.b
  to   = module.k.terraform_data.c
}
