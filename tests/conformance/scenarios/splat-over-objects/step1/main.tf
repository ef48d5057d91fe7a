module "m" {
  source   = "./m"
  for_each = { a = 1, b = 2 }
}
resource "terraform_data" "m" {
  for_each = { a = 1, b = 2 }
}
output "s" { value = module.m.*.a.o }
output "t" { value = terraform_data.m.*.a.input }
output "u" { value = module.m[*]["a"].o }
