module "b" {
  source = "./m"
  count = 2
}
moved {
  from = module.a
  to = module.b
}
moved {
  from = module.a[0].terraform_data.r
  to = terraform_data.r
}
resource "terraform_data" "r" {}
