module "s" { source = "./m" }
output "x" { value = try(module.s.bogus, "t") }
output "y" { value = can(module.s.bogus) }
