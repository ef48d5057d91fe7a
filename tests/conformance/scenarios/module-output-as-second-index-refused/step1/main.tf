module "c" { 
  source = "./m"
  count = 1
}
output "x" { value = module.c[0]["o"] }
