module "m" {
  source = "./m"
  count  = 0
  x      = 1
}
module "n" {
  source   = "./m"
  for_each = {}
  x        = 1
}
output "o" {
  value = [module.m, module.n, module.m[*].y, try(module.m[0].y, "none"), length(module.n)]
}
