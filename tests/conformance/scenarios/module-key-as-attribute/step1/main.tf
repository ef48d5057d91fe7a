module "e" {
  source   = "./m"
  for_each = toset(["a"])
}
output "x" { value = module.e.a.o }
