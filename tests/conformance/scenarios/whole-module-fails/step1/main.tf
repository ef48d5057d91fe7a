module "c" {
  source = "./c"
  for_each = { a = 1 }
}
resource "terraform_data" "r" { input = [for m in module.c : m.o] }
resource "terraform_data" "s" { input = module.c["a"].o }
output "o" { value = module.c["a"].o }
output "w" { value = [for m in module.c : m.o] }
