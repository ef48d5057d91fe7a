variable "v" {}
resource "terraform_data" "x" { triggers_replace = var.v }
resource "terraform_data" "y" { 
  triggers_replace = var.v
  provisioner "local-exec" {
    when = destroy
    command = "exit 1"
  }
}
output "o" { value = terraform_data.x.id }
