variable "x" {
  type = any
}
variable "y" {
  type = object({ a = string, b = set(number) })
}
output "x" {
  value = var.x
}
output "y" {
  value     = var.y
  sensitive = true
}
resource "terraform_data" "in" {
  input            = var.x
  triggers_replace = [var.x.sec, var.x.pub]
}
