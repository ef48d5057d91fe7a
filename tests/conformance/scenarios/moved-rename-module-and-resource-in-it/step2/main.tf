module "n" {
  source = "./n"
}
moved {
  from = module.m.terraform_data.old
  to   = module.n.terraform_data.new
}
moved {
  from = module.m
  to   = module.n
}
