resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "c" { input = 1 }
module "b" { 
  source = "./m"
  count = length(terraform_data.c.id) > 0 ? 1 : 0 
}
output "o" { value = module.b }
