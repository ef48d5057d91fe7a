variable "a" {
  type = number
}
variable "b" {
  type = set(string)
}
variable "c" {
  type = map(string)
}
variable "d" {
  type     = string
  default  = "dd"
  nullable = false
}
variable "e" {
  type    = string
  default = "ee"
}
variable "f" {
  type = tuple([number, number])
}
output "o" {
  value = [var.a, var.b, var.c, var.d, var.e, var.f]
}
