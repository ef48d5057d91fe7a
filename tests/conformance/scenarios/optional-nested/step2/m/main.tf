variable "cfg" {
  type = object({
    name = string
    tag  = optional(string, "def")
    sub  = optional(list(object({ a = number, b = optional(bool, false) })), [])
    map  = optional(map(object({ p = string, q = optional(list(string)) })), {})
    deep = optional(object({ x = optional(number, 5), y = optional(object({ z = optional(string, "zz") }), {}) }), {})
  })
}
resource "terraform_data" "r" {
  input = var.cfg
}
output "o" {
  value = terraform_data.r.output
}
