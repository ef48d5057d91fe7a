module "m" {
  source = "./m"
  v = "q"
}
resource "terraform_data" "a" { input = module.m.c }
resource "terraform_data" "b" { input = { k = module.m.c, z = 1 } }
