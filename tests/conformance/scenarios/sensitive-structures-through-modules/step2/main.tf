variable "s" {
  sensitive = true
  type      = string
}
variable "obj" {
  sensitive = true
  type      = object({ a = string, b = optional(list(number), [1]) })
  default   = { a = "x" }
}
module "m" {
  source = "./m"
  x      = { pub = 1, sec = var.s, deep = [{ k = var.obj.a }] }
  y      = var.obj
}
resource "terraform_data" "r" {
  for_each = nonsensitive({ a = var.obj.a })
  input    = { v = each.value, w = module.m.x.pub, z = module.m.y }
}
output "pub" {
  value = module.m.x.pub
}
output "sec" {
  value     = module.m
  sensitive = true
}
output "is" {
  value = [issensitive(module.m.x.pub), issensitive(module.m.x.sec), issensitive(module.m.x), issensitive(module.m.y.b)]
}
