module "m" {
  source = "./m"
  count  = 2
}
resource "terraform_data" "x" {
  input = 1
}
output "all" {
  value = module.m[*].o
}
output "one" {
  value = [module.m[1].o]
}
output "x" {
  value = [terraform_data.x.output, module.m[0].o]
}
output "first" {
  value = module.m[0]
}
output "second" {
  value = module.m[1]
}
output "str" {
  value = "x-${module.m[1].o}-${module.m[0].o}"
}
