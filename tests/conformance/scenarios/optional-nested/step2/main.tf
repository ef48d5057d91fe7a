module "m" {
  source = "./m"
  cfg    = { name = "n", deep = null, tag = null }
}
output "o" {
  value = module.m.o
}
