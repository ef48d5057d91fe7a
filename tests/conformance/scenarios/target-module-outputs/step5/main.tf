module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
  v        = each.key
}
resource "terraform_data" "x" {
  input = module.m["a"].o
}
output "a" {
  value = module.m["a"].o
}
output "all" {
  value = { for k, v in module.m : k => v.o }
}
output "const" {
  value = 1
}
output "splat" {
  value = values(module.m)[*].o
}
