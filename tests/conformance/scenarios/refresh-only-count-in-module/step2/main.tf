module "m" { 
  source = "./m"
  n = 2 
}
output "o" { value = module.m.o }
