resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo three"
  }
  depends_on = [terraform_data.b]
}
resource "terraform_data" "b" {
}
