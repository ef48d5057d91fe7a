module "m" {
  source = "./m"
}
output "o" { value = module.m.c }
resource "terraform_data" "a" { input = module.m.c }
