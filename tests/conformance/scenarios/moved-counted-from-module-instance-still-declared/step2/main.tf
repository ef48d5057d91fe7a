module "a" { 
  source = "./m" 
  count = 2
}
resource "terraform_data" "q" { count = 1 }
moved {
  from = module.a[1].terraform_data.r
  to   = terraform_data.q
}
