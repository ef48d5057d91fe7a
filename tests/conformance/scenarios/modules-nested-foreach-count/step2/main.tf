variable "envs" { default = { dev = { n = 1 }, prod = { n = 2 } } }
module "env" {
  source   = "./env"
  for_each = var.envs
  name     = each.key
  n        = each.value.n
}
output "all" { value = { for k, m in module.env : k => m.ids_count } }
output "flat" { value = flatten([for m in module.env : m.names]) }
