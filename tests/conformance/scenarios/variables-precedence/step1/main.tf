variable "a" {
  default = "def"
}
variable "b" {
  default = "def"
}
variable "c" {
  default = "def"
}
variable "d" {
  default = "def"
}
variable "e" {
  default = "def"
}
variable "l" {
  type = list(object({ n = number, s = optional(string, "z") }))
}
output "all" {
  value = [var.a, var.b, var.c, var.d, var.e]
}
output "l" {
  value = var.l
}
