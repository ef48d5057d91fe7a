variable "cfg" {
  type = object({
    name  = string
    extra = optional(any, {})
    size  = optional(number, 10)
    tags  = optional(map(string), { d = "e" })
  })
}
variable "list" {
  type = list(object({ a = optional(string, "def"), b = optional(bool, true) }))
}
variable "set" {
  type = set(string)
}
variable "map" {
  type = map(string)
}
output "cfg" {
  value = var.cfg
}
output "list" {
  value = var.list
}
output "set" {
  value = var.set
}
output "map" {
  value = var.map
}
output "calc" {
  value = { n = length(var.list), m = length(var.map), s = length(var.set), k = keys(var.map), v = var.list[1], up = upper(var.list[1].a) }
}
