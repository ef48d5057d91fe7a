resource "terraform_data" "s" {}
moved {
  from = terraform_data.r
  to = terraform_data.s
}
module "b" { source = "./b" }
moved {
  from = module.b.terraform_data.x
  to = module.b.terraform_data.y
}
