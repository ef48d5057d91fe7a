module "e" {
  source   = "./m"
  count = 1
}
output "x" { value = try(module.e.o, "d") }
output "y" { value = try(module.e.o.p, "d") }
