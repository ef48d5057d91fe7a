variable "cfg" {
  type = object({
    name = string
    tag  = optional(string, "def")
    sub  = optional(list(object({ a = string, b = optional(bool, false) })), [])
  })
}
output "o" {
  value = var.cfg
}
resource "terraform_data" "r" {
  input = var.cfg
}
