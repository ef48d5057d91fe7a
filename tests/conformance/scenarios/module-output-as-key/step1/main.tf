module "s" { source = "./m" }
locals { k = "o" }
output "x" { value = module.s[local.k] }
