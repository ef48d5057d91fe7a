resource "terraform_data" "k" {}
resource "terraform_data" "r" { input = 1 }
module "m" { 
  source = "./m" 
  count = 2
}
output "o" { value = [terraform_data.r.id] }
output "p" { value = terraform_data.r }
output "q" { value = { a = 1, b = terraform_data.r.output } }
output "m" { value = module.m[*].o }
