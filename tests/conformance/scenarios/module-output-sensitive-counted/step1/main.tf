module "m" {
  source = "./m"
  count = 2
}
resource "terraform_data" "a" { input = module.m[0].c }
resource "terraform_data" "b" { input = module.m[*].c }
output "d" { value = module.m }
