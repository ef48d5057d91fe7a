variable "a" {}
variable "b" {
  type = list(number)
}
variable "c" {
  type = object({ x = string, y = optional(number, 3) })
}
variable "z" {
  type = number
}
variable "w" {
  default = "dw"
}
output "o" {
  value = [var.a, var.b, var.c, var.z, var.w]
}
