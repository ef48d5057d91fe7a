variable "x" { default = "q" }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo ${var.x}"
    when    = destroy
  }
}
