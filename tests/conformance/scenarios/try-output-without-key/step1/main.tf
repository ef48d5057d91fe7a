module "s" { 
  source = "./m" 
  count = 1
}
module "e" { 
  source = "./m" 
  for_each = { k = 1 }
}
output "x" { value = try(module.s[0].bogus, "t") }
output "y" { value = try(module.e["k"].bogus, module.e["z"].o, "u") }
output "z" { value = try(module.s.bogus, "u") }
