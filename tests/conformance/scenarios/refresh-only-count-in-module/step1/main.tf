module "m" { 
  source = "./m"
  n = 1 
}
output "o" { value = module.m.o }
