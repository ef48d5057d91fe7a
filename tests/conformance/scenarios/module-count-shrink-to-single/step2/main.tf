module "m" {
  source = "./m"
  count  = 1
  name   = "n${count.index}"
}
output "names" { value = module.m[*].name }
