variable "color" { type = string }
variable "ver" { type = string }
variable "weight" { type = number }
resource "terraform_data" "app" {
  input = "${var.color}-${var.ver}"
  triggers_replace = var.ver
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "lb" {
  input = terraform_data.app.id
  lifecycle { replace_triggered_by = [terraform_data.app] }
}
output "endpoint" { value = "http://${terraform_data.app.output}" }
output "weight" { value = var.weight }
