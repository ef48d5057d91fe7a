resource "terraform_data" "b" {
  count = 1
  input = "a"
}
module "n" {
  source = "./n"
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = module.m
  to   = module.n
}
