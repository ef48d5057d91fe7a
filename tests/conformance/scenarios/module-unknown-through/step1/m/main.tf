variable "a" { type = string }
variable "b" { type = map(string) }
resource "terraform_data" "y" { input = var.b }
output "a" { value = "pre-${var.a}" }
output "b" { value = var.b }
