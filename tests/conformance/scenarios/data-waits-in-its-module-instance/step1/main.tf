module "m" {
  source = "./m"
  for_each = { a = 1, b = 1 }
  v = each.value
}
output "n" { value = { for k, m in module.m : k => m.n } }
