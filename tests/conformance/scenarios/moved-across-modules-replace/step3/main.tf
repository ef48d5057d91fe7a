module "m" {
  source   = "./m"
  for_each = toset(["one", "two"])
  n        = 2
}
module "s" {
  source   = "./s"
  for_each = toset(["a", "b"])
  k        = each.key
}
moved {
  from = module.m
  to   = module.m["one"]
}
moved {
  from = terraform_data.r["a"]
  to   = module.s["a"].terraform_data.q
}
moved {
  from = terraform_data.r["b"]
  to   = module.s["b"].terraform_data.q
}
output "o" {
  value = { for k, m in module.m : k => m.o }
}
