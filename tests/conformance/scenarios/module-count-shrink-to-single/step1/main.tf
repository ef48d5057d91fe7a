module "m" {
  source = "./m"
  count  = 2
  name   = "n${count.index}"
}
output "names" { value = module.m[*].name }
output "first" { value = module.m[0] }
