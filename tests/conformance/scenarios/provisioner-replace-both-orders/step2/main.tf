variable "n" { default = 1 }
resource "terraform_data" "first" {
  triggers_replace = var.n
  provisioner "local-exec" {
    when    = destroy
    command = "exit 1"
  }
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "last" {
  triggers_replace = var.n
  provisioner "local-exec" {
    when    = destroy
    command = "exit 1"
  }
}
