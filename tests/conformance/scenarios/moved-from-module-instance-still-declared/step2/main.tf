module "a" { 
  source = "./m" 
  count = 2
}
resource "terraform_data" "q" {}
moved {
  from = module.a[1].terraform_data.r
  to   = terraform_data.q
}
