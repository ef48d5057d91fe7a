variable "fail" { default = true }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = var.fail ? "exit 1" : "true"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "exit 1"
  }
}
